# Sourced by bench/run: closeroll itself, and its parts bare.

# ours runs the daemon as anyone would, tells it to read its one source, and
# ends it when that is done: every message sealed, stored, journalled and
# searchable.
ours() {
  local d="$work/closeroll-archive" log="$work/status.log"
  rm -rf "$d"
  mkdir -p "$d" "$work/s3/closeroll"
  printf 'secret\n' >"$d/imap-password"
  printf '%s\n' "$AWS_ACCESS_KEY_ID" >"$d/s3-access-key"
  printf '%s\n' "$AWS_SECRET_ACCESS_KEY" >"$d/s3-secret-key"
  chmod 600 "$d"/*
  cat >"$d/closeroll.yaml" <<CONF
archive:
  name: Benchmark
state: state
identity: daemon.key
store:
  s3:
    endpoint: http://127.0.0.1:$s3_port
    bucket: closeroll
    path_style: true
    access_key_file: s3-access-key
    secret_key_file: s3-secret-key
custodians:
  - {id: bench, name: Benchmark}
sources:
  - name: bench
    custodian: bench
    poll: "@every 24h"
    imap:
      host: 127.0.0.1
      port: $imap_port
      security: plain
      username: bench
      password_file: imap-password
schedule: schedule.yaml
roles:
  officer: {users: ["$(id -u)"]}
  manager: {users: ["$(id -u)"]}
  operator: {users: ["$(id -u)"]}
api:
  socket: closeroll.sock
alerts: none
CONF
  cp configs/schedules/example.yaml "$d/schedule.yaml"
  "$work/closeroll" init --config "$d/closeroll.yaml" \
    --generate-reader "$d/officer.key" --generate-reader "$d/records.key" >/dev/null
  measure closeroll "all of it: sealed, stored, journalled, searchable" -stored "$work/s3/closeroll" -index "$d/state/index" \
    -until "'$work/closeroll' capture --socket '$d/closeroll.sock' && '$work/closeroll' status --socket '$d/closeroll.sock' >'$log'" -- \
    "$work/closeroll" serve --config "$d/closeroll.yaml"
  tr -d , <"$log" | grep -q "$n seen" || {
    sed 's/^/    /' "$log"
    die "the daemon did not account for $n messages"
  }
}

# bare runs closeroll's parts alone: the floor under the daemon's figure.
bare() {
  rm -rf "$work/floor"
  mkdir -p "$work/floor/index"
  measure floor "closeroll's parts bare and overlapped, no journal or catalog" \
    -stored "$work/s3/floor" -index "$work/floor/index" -- \
    "$work/bench" floor -imap "127.0.0.1:$imap_port" -s3 "http://127.0.0.1:$s3_port" \
    -spool "$work/spool" -index "$work/floor/index"
}
