#!/bin/sh
# Completes the app's folder with the bundled program. No image is published, so Home Assistant builds it from there.
# usage: home-assistant-app/pack.sh, then copy evse_mqtt_bridge/ into the folder addons/ of Home Assistant
set -eu
cd "$(dirname "$0")/.."
npm run --silent bundle
rm -rf home-assistant-app/evse_mqtt_bridge/dist
cp -R dist home-assistant-app/evse_mqtt_bridge/dist
echo "complete: $PWD/home-assistant-app/evse_mqtt_bridge"
