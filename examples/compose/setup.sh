#!/bin/sh
# Makes what a stack keeps to itself, in secrets/ of the stack's folder: a password for every user of its broker, the
# broker's password file and its access rules. What is there already stays; run it again after changing broker/*.acl.
# usage, in the folder of a stack: ../setup.sh        ENGINE=podman ../setup.sh where there is no docker
set -eu
umask 077
[ -f broker/bridge.acl ] || {
  echo 'setup.sh: run it in the folder of a stack, e.g. cd mosquitto && ../setup.sh' >&2
  exit 1
}

# Nobody but you gets into secrets/. The files in it are readable, because the users of the containers are others.
mkdir -p secrets/broker
chmod 755 secrets/broker
trap 'rm -f secrets/broker/passwd.new secrets/broker/acl.new' EXIT

[ -e secrets/charger_password ] || : >secrets/charger_password
cat broker/*.acl >secrets/broker/acl.new
sed -n 's/^user //p' broker/*.acl | while read -r user; do
  file=secrets/${user}_password
  [ -s "$file" ] || head -c 18 /dev/urandom | base64 >"$file"
  printf '%s:%s\n' "$user" "$(cat "$file")"
done >secrets/broker/passwd.new
chmod 644 secrets/*_password

# The broker refuses files that others can read, and 1883 is its user.
"${ENGINE:-docker}" run --rm --network none --volume "$PWD/secrets/broker:/broker" eclipse-mosquitto:2 sh -ec '
  cd /broker
  mosquitto_passwd -U passwd.new
  chown 1883:1883 passwd.new acl.new
  chmod 600 passwd.new acl.new
  mv passwd.new passwd
  mv acl.new acl'
# evcc takes the password of its broker from its settings only.
for settings in evcc*.yaml; do
  [ -e "$settings" ] || continue
  sed "s|EVCC_PASSWORD|$(cat secrets/evcc_password)|" "$settings" >"secrets/$settings"
  chmod 644 "secrets/$settings"
done
echo "passwords are in $PWD/secrets; next: docker compose up -d"
