#!/bin/sh
# Makes the secrets of the platform, each in a file of its own, in deploy/secrets or the directory that is given. What is there already is never touched: servers that have
# passwords already are given to it by putting these in first (postgres-password, keysdb-password where that server's owner has another, redis-password): docs/deployment.md.
# The directory is for its owner only, which keeps other users of the machine out; the files in it can be read by whatever user a container has.
set -eu
umask 077
directory=${1:-$(dirname "$0")/secrets}
mkdir -p "$directory"
cd "$directory"

random() {
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

# keep NAME VALUE: a link is refused where there is a file, and a file is linked only when it is whole.
keep() {
  if [ ! -e "$1" ]; then
    printf %s "$2" > ".$1.$$"
    chmod 444 ".$1.$$"
    ln ".$1.$$" "$1"
    rm ".$1.$$"
    echo "made $1"
  fi
}

if [ -e redis-password ] && grep -q , redis-password; then
  echo "make-secrets.sh: nothing made: a password with a comma cannot stand in a connection string of Redis; give it another" >&2
  exit 1
fi

for name in encryption-key internal-secret bootstrap-client-secret postgres-password redis-password \
  token-api-database-password admin-web-database-password key-manager-database-password; do
  keep "$name" "$(random)"
done

# A value as it may stand in a connection string of PostgreSQL.
quoted() {
  case $1 in
    *[!A-Za-z0-9_-]*) printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")" ;;
    *) printf %s "$1" ;;
  esac
}

# connection NAME DATABASE HOST USER PASSWORD-FILE
connection() {
  keep "$1" "Host=$3;Port=5432;Username=$4;Password=$(quoted "$(cat "$5")");Database=$2${DATABASE_OPTIONS:+;$DATABASE_OPTIONS}"
}

authdb=${AUTHDB_HOST:-postgres}
keysdb=${KEYSDB_HOST:-postgres}
owner=${DATABASE_OWNER:-postgres}
keysdb_password=postgres-password
[ ! -e keysdb-password ] || keysdb_password=keysdb-password
connection authdb authdb "$authdb" "$owner" postgres-password
connection keysdb keysdb "$keysdb" "$owner" "$keysdb_password"
# What the services sign in as; the migrations make these roles.
connection token-api-database authdb "$authdb" authdb_token_api_0 token-api-database-password
connection admin-web-database authdb "$authdb" authdb_admin_web_0 admin-web-database-password
connection key-manager-database keysdb "$keysdb" keysdb_key_manager_0 key-manager-database-password
keep redis "${REDIS_HOST:-redis}:6379,password=$(cat redis-password)"
keep redis.conf "requirepass $(cat redis-password)
"
