#!/bin/sh
# The part of the real image's entrypoint that the stack uses: a database of POSTGRES_USER, made at the first start.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  secret="$(mktemp)"
  printf '%s' "$POSTGRES_PASSWORD" > "$secret"
  initdb --username="$POSTGRES_USER" --pwfile="$secret" --auth=scram-sha-256 --encoding=UTF8 > /dev/null
  rm "$secret"
  pg_ctl --silent --wait --options="-c listen_addresses=''" start > /dev/null
  PGPASSWORD="$POSTGRES_PASSWORD" createdb --username="$POSTGRES_USER" "${POSTGRES_DB:-$POSTGRES_USER}" || true
  pg_ctl --silent --wait stop
fi
exec "$@"
