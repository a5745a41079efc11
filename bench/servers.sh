# Sourced by bench/run: the two servers, on loopback, ended by bench/run.

# start_dovecot serves $work/dovecot/mail/bench as user "bench" on $imap_port,
# unprivileged and without TLS.
start_dovecot() {
  local d="$work/dovecot"
  imap_port=$(free_port)
  cat >"$d/dovecot.conf" <<CONF
base_dir = $d/run
state_dir = $d/state
log_path = $d/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = nobody
first_valid_uid = 1
mail_location = maildir:$d/mail/%u
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$d/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $imap_port
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service auth {
  chroot =
}
CONF
  chown -R nobody:nogroup "$d"
  setpriv --reuid nobody --regid nogroup --clear-groups /usr/sbin/dovecot -F -c "$d/dovecot.conf" &
  servers+=($!)
  answers "$imap_port"
}

# start_s3 serves buckets below $work/s3 on $s3_port.
start_s3() {
  s3_port=$(free_port)
  export AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench-secret AWS_DEFAULT_REGION=us-east-1
  mkdir -p "$work/s3" "$work/s3-versions"
  (cd "$work" && ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY \
    exec "$CLOSEROLL_VERSITYGW" --port "127.0.0.1:$s3_port" --quiet \
    posix --versioning-dir "$work/s3-versions" "$work/s3") >"$work/s3.log" 2>&1 &
  servers+=($!)
  answers "$s3_port"
}
