# Sourced by bench/run: what people use today. mbsync makes a copy of the
# mailbox, restic backs it up, encrypted, into the same S3 server, mu makes it
# searchable; notmuch does that too, for comparison. Neither seals its index,
# and nobody keeps a journal.

peers() {
  local p="$work/peers"
  rm -rf "$p"
  mkdir -p "$p/maildir" "$p/mu" "$p/cache"
  cat >"$p/mbsyncrc" <<CONF
IMAPAccount bench
Host 127.0.0.1
Port $imap_port
User bench
Pass secret
SSLType None
AuthMechs LOGIN
PipelineDepth 50

IMAPStore far
Account bench

MaildirStore near
Path $p/maildir/
Inbox $p/maildir/INBOX
SubFolders Verbatim

Channel bench
Far :far:
Near :near:
Patterns *
Create Near
Sync Pull
Expunge None
SyncState *
CONF
  measure mbsync "a copy of the mailbox" -- mbsync -c "$p/mbsyncrc" bench

  export RESTIC_REPOSITORY="s3:http://127.0.0.1:$s3_port/restic" RESTIC_PASSWORD=bench RESTIC_CACHE_DIR="$p/cache"
  restic init >/dev/null
  measure restic "backs up that copy, encrypted" -stored "$work/s3/restic" -- restic backup --quiet "$p/maildir"

  mu init --muhome="$p/mu" --maildir="$p/maildir" >/dev/null
  measure mu "indexes that copy, in the clear" -index "$p/mu" -- mu index --muhome="$p/mu" --quiet

  printf '[database]\npath=%s\n[user]\nname=Bench\nprimary_email=bench@bench.example\n' "$p/maildir" >"$p/notmuch.conf"
  export NOTMUCH_CONFIG="$p/notmuch.conf"
  measure notmuch "the same with another indexer" -index "$p/maildir/.notmuch" -- notmuch new --quiet
}
