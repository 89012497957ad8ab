#!/bin/sh
# Brings hnswlib's headers (in an npm package, no scripts run) and compiles the peer as hnswlib's users do.
# Needs npm and g++. Writes bench/storage/peer/node_modules, which git ignores.
set -e
cd "$(dirname "$0")"
[ -d node_modules/hnswlib-node/src/hnswlib ] || npm ci --ignore-scripts
g++ -std=c++17 -O3 -march=native -DNDEBUG -pthread -Inode_modules/hnswlib-node/src hnswlib_peer.cpp -o node_modules/hnswlib_peer
echo "built $(pwd)/node_modules/hnswlib_peer"
