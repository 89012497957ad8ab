#!/bin/sh
# Brings the peers from npm (no scripts run): minisearch, usearch with its compiled library, and hnswlib's headers, and compiles the latter as its users do.
# Needs npm and g++. Writes bench/storage/peer/node_modules, which git ignores.
set -e
cd "$(dirname "$0")"
[ -d node_modules/hnswlib-node/src/hnswlib ] && [ -d node_modules/minisearch ] && [ -d node_modules/usearch ] || npm ci --ignore-scripts
g++ -std=c++17 -O3 -march=native -DNDEBUG -pthread -Inode_modules/hnswlib-node/src hnswlib_peer.cpp -o node_modules/hnswlib_peer
echo "built $(pwd)/node_modules/hnswlib_peer"
