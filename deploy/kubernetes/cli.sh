#!/bin/sh
# Runs the command line of the platform in the cluster: docs/deployment.md.
set -eu

usage() {
  cat <<'END'
Usage: deploy/kubernetes/cli.sh [--print] COMMAND...

Runs COMMAND of the operators' command line (docs/cli.md), for example "doctor" or "keys list my-app --sessions", in a Job of the cluster that kubectl talks to.
Shows what it says, standard error included, and exits as it does: 0 done, 1 failed, 2 the command line is wrong or a confirmation is missing.

  --print                show the Job instead of running it
  KUSTOMIZATION          (environment) the kustomization to make it from; production/cli beside this script unless it is set
  AUTHPLATFORM_OPERATOR  (environment) who you are, for the audit: the account of the pod is the same for everybody

Nobody can answer a question there: what asks says what would happen and exits with 2, and --yes does it. What a pod says is kept, and often collected, so a command that would
make a secret and show it is refused: hand one over with --secret-stdin. "admins reset", which shows a link, is refused as well. Files are out of reach.
END
}

# stop CODE MESSAGE
stop() {
  echo "cli.sh: $2" >&2
  exit "$1"
}

# A text as a JSON string, in which no $(NAME) is left that Kubernetes would replace.
string() {
  case $1 in *[[:cntrl:]]*) stop 2 "an argument, or AUTHPLATFORM_OPERATOR, holds a line break or another control character" ;; esac
  printf '"%s"' "$(printf %s "$1" | LC_ALL=C sed 's/[\\"]/\\&/g; s/\$/$$/g')"
}

print=
case ${1-} in
  --help | -h) usage && exit 0 ;;
  --print) print=yes && shift ;;
esac
[ $# -gt 0 ] || { usage >&2 && exit 2; }

arguments='' shows_secret='' takes_secret='' of_admins=''
for argument; do
  case $argument in
    create | rotate-secret) shows_secret=yes ;;
    --secret-stdin) takes_secret=yes ;;
    admins) of_admins=yes ;;
    reset) [ -z "$of_admins" ] || stop 2 "this would leave a link in the log of a pod, by which whoever reads it comes in; run it on your own machine: \"admins reset\" in docs/deployment.md" ;;
  esac
  text=$(string "$argument")
  arguments=$arguments${arguments:+,}$text
done
[ -z "$shows_secret" ] || [ -n "$takes_secret" ] || stop 2 "this would leave the secret in the log of a pod; give it one with --secret-stdin"

kustomization=${KUSTOMIZATION:-$(dirname "$0")/production/cli}
[ -d "$kustomization" ] || stop 2 "there is no $kustomization; KUSTOMIZATION names yours"

patch='{"op":"remove","path":"/metadata/name"},{"op":"add","path":"/metadata/generateName","value":"cli-"}'
container=/spec/template/spec/containers/0
patch=$patch',{"op":"add","path":"'$container'/args","value":['$arguments']}'
if [ -n "${AUTHPLATFORM_OPERATOR-}" ]; then
  name=$(string "$AUTHPLATFORM_OPERATOR")
  # Behind what the kustomization has set.
  patch=$patch',{"op":"add","path":"'$container'/env/-","value":{"name":"AUTHPLATFORM_OPERATOR","value":'$name'}}'
fi
if [ -n "$takes_secret" ]; then
  patch=$patch',{"op":"add","path":"'$container'/stdin","value":true},{"op":"add","path":"'$container'/stdinOnce","value":true}'
fi
rendered=$(kubectl kustomize "$kustomization" </dev/null)
made=$(printf '%s\n' "$rendered" | kubectl patch --local -f - --type=json -p "[$patch]" -o json)
if [ -n "$print" ]; then
  printf '%s\n' "$made"
  exit 0
fi

created=$(printf '%s\n' "$made" | kubectl create -f - -o 'jsonpath={.metadata.namespace} {.metadata.name}')
namespace=${created% *}
job=${created#* }
echo "cli.sh: job $job" >&2
trap 'stop 130 "it goes on; to end it: kubectl --namespace $namespace delete job $job"' INT TERM HUP

here() {
  kubectl --namespace "$namespace" "$@" </dev/null
}

of_pod() {
  here get pods --selector "job-name=$job" -o "jsonpath={.items[*]$1}"
}

# One that starts when nobody expects it any more would do harm, so it does not stay.
waited=0
while phase=$(of_pod .status.phase || true) && [ "${phase:-Pending}" = Pending ]; do
  if [ "$waited" -ge 120 ]; then
    here describe job "$job" >&2
    here describe pods --selector "job-name=$job" >&2
    here delete job "$job" >&2
    stop 1 "it did not start within two minutes and is deleted"
  fi
  sleep 1
  waited=$((waited + 1))
done

# The log has everything that it says; this only hands over the input. A command that refuses before it reads has ended by then.
if [ -n "$takes_secret" ] && ! kubectl --namespace "$namespace" attach "job/$job" --stdin --quiet >/dev/null; then
  sleep 3
  if [ "$(of_pod .status.phase)" = Running ]; then
    here delete job "$job" >&2
    stop 1 "standard input could not be handed over; the job is deleted"
  fi
fi

here logs "job/$job" --follow || echo "cli.sh: the log broke off; all of it: kubectl --namespace $namespace logs job/$job" >&2

until code=$(of_pod '.status.containerStatuses[*].state.terminated.exitCode') && [ -n "$code" ]; do
  reason=$(here get job "$job" -o 'jsonpath={.status.conditions[?(@.type=="Failed")].reason}') || stop 1 "nothing more can be said about job $job"
  [ -z "$reason" ] || stop 1 "the job was ended: $reason"
  sleep 1
done
exit "$code"
