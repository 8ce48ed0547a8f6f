#!/bin/sh
# Makes the secrets of the platform, each in a file of its own, in deploy/secrets or the directory that is given. What is there already is never touched.
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

for name in encryption-key internal-secret bootstrap-client-secret postgres-password redis-password \
  token-api-database-password admin-web-database-password key-manager-database-password; do
  keep "$name" "$(random)"
done

# connection NAME DATABASE HOST USER PASSWORD-FILE
connection() {
  keep "$1" "Host=$3;Port=5432;Username=$4;Password=$(cat "$5");Database=$2"
}

authdb=${AUTHDB_HOST:-postgres}
keysdb=${KEYSDB_HOST:-postgres}
connection authdb authdb "$authdb" postgres postgres-password
connection keysdb keysdb "$keysdb" postgres postgres-password
# What the services sign in as; the migrations make these roles.
connection token-api-database authdb "$authdb" authdb_token_api_0 token-api-database-password
connection admin-web-database authdb "$authdb" authdb_admin_web_0 admin-web-database-password
connection key-manager-database keysdb "$keysdb" keysdb_key_manager_0 key-manager-database-password
keep redis "${REDIS_HOST:-redis}:6379,password=$(cat redis-password)"
keep redis.conf "requirepass $(cat redis-password)
"
