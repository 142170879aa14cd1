#!/bin/sh
# A worker for Procession in POSIX sh, with curl and sed.
#
#   worker.sh [--once N] <base URL> <task type> <command> [<argument>...]
#   worker.sh http://127.0.0.1:7070 book-courier ./book-courier
#
# The command reads the claimed task as JSON on its standard input and writes the result as JSON.
# An exit status other than 0 is a failed attempt. Work longer than the lease needs heartbeats; see worker.py.
set -u

once=0
if [ "${1-}" = --once ]; then
    once=$2
    shift 2
fi
if [ $# -lt 3 ]; then
    echo "usage: worker.sh [--once N] <base URL> <task type> <command> [<argument>...]" >&2
    exit 64
fi
base=${1%/}
type=$2
shift 2

# Repeats while the service is away; every call here is safe to repeat. Prints the answer; an answer of 4xx
# ends with the status 22. For GET the body is left out.
call() {
    if [ $# -gt 2 ]; then
        answer=$(curl -sS --fail-with-body --max-time 70 -X "$1" -H 'Content-Type: application/json' \
            --data-binary "$3" "$base$2")
    else
        answer=$(curl -sS --fail-with-body --max-time 70 -X "$1" "$base$2")
    fi
    ended=$?
    case $ended:$answer in
    0:* | 22:*'"status":4'*) return $ended ;;
    esac
    sleep 1
    call "$@"
}

number=0
count=0
while [ "$once" -eq 0 ] || [ "$count" -lt "$once" ]; do
    # A claim has an id: asked again after a lost answer, it brings the same task.
    number=$((number + 1))
    if ! call GET "/tasks?type=$type&wait=20s&worker=sh-$$&claim=sh-$$-$(date +%s)-$number"; then
        echo "$answer" >&2
        exit 1
    fi
    # The id is the first member of a task. Quotes inside of strings are escaped in JSON, so that nothing in
    # the input can look like the lease.
    task=$(printf '%s\n' "$answer" | sed -n 's/^{"tasks":\[\({"task_id":.*}\)\]}$/\1/p')
    [ -n "$task" ] || continue
    id=$(printf '%s\n' "$task" | sed 's/^{"task_id":"\([^"]*\)".*/\1/')
    token=$(printf '%s\n' "$task" | sed 's/.*"lease":{"token":"\([^"]*\)".*/\1/')

    result=$(printf '%s\n' "$task" | "$@")
    status=$?
    if [ $status -eq 0 ]; then
        outcome="\"outcome\":\"completed\",\"result\":${result:-null}"
    else
        outcome="\"outcome\":\"failed\",\"reason\":\"the command ended with the status $status\""
    fi
    # Refused (lease_lost, task_ended, process_ended): another worker has the task, or nobody needs it any more.
    if call POST "/tasks/$id/outcome" "{\"lease_token\":\"$token\",$outcome}"; then
        echo "$type $id: status $status"
    else
        echo "$type $id: $answer" >&2
    fi
    count=$((count + 1))
done
