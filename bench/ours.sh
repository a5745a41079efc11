# Sourced by bench/run: closeroll itself, and its parts bare.

floor() {
  mkdir -p "$work/floor/index"
  measure floor "closeroll's parts bare and overlapped, no journal or catalog" \
    -stored "$work/s3/floor" -index "$work/floor/index" -- \
    "$work/bench" floor -imap "127.0.0.1:$imap_port" -s3 "http://127.0.0.1:$s3_port" \
    -spool "$work/spool" -index "$work/floor/index"
}

ours() {
  floor
}
