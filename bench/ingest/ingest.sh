#!/usr/bin/env bash
# Uploads distinct lines to a running system (./sutra up) as one job and prints how fast they are learned, what is dead, and how much memory each part takes.
#   bench/ingest/ingest.sh [LINES] [BYTES-A-LINE] [BROKEN-LINE] [PORT]
# 31,000 lines of the size of the finance example:      bench/ingest/ingest.sh 31000 300
# A gigabyte with a broken line 900,000:                bench/ingest/ingest.sh 950000 1130 900000
set -euo pipefail
lines=${1:-31000} bytes=${2:-300} broken=${3:-0} port=${4:-8080}
root=$(cd "$(dirname "$0")/../.." && pwd)
url="http://localhost:$port"
header="Authorization: Bearer $(cat "$root/.sutra/first-key")"
upload=$(mktemp "${TMPDIR:-/tmp}/sutra-ingest.XXXXXX")
trap 'rm -f "$upload"' EXIT

# Words by a linear congruential generator of its own: the same file everywhere, and no two lines alike.
awk -v lines="$lines" -v bytes="$bytes" -v broken="$broken" 'BEGIN {
  split("harbour ship tea crate market price close open river stone bridge winter summer copper tin silver gold letter clock keeper lamp sail rope captain ledger coast island field grain mill wheel forge", word, " ")
  seed = 42
  for (i = 1; i <= lines; i++) {
    text = "Record " i " of the ledger:"
    while (length(text) + 60 < bytes) { seed = (seed * 1103515245 + 12345) % 2147483648; text = text " " word[int(seed / 65536) % 32 + 1] }
    if (i == broken) print "{\"content\": \"" text
    else print "{\"content\":\"" text "\",\"metadata\":{\"n\":\"" i "\"}}"
  }
}' > "$upload"

rss() { for name in Gateway Api Embedder Storage; do
  pid=$(pgrep -f "Sutra\.$name\.dll|/Sutra\.$name( |\$)" | head -1 || true)
  [ -n "$pid" ] && printf ' %s %s' "$name" "$(awk "/^$1:/ { printf \"%d MiB\", \$2 / 1024 }" "/proc/$pid/status")"
done; echo; }

echo "upload: $lines lines, $(stat -c %s "$upload" 2>/dev/null || stat -f %z "$upload") bytes"
echo "memory before:$(rss VmRSS)"
started=$(date +%s.%N)
job=$(curl -sS --fail-with-body -H "$header" -H 'Content-Type: application/x-ndjson' -H 'Expect:' -X POST -T "$upload" "$url/api/jobs")
id=$(sed 's/.*"id":"\([0-9a-f]*\)".*/\1/' <<< "$job")
echo "taken after $(awk "BEGIN { printf \"%.1f\", $(date +%s.%N) - $started }") s: $id"
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" <<< "$job"; }
round=0
while :; do
  job=$(curl -sS -H "$header" "$url/api/jobs/$id")
  case $(field state) in completed | failed | cancelled) break ;; esac
  if [ $((round++ % 60)) = 59 ]; then echo "$(field learned) learned, $(field rate_per_second)/s, memory:$(rss VmRSS)"; fi
  sleep 0.5
done
echo "$(field state): $(field learned) learned, $(field dead) dead, $(field rate_per_second) concepts/s"
echo "upload and all: $(awk "BEGIN { s = $(date +%s.%N) - $started; printf \"%.1f s, %.0f concepts/s\", s, $(field learned) / s }")"
echo "memory after:$(rss VmRSS)"
echo "memory at most:$(rss VmHWM)"
curl -sS -H "$header" "$url/api/jobs/$id/items?limit=5"; echo
