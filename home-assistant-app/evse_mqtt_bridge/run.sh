#!/usr/bin/with-contenv bashio
# shellcheck shell=bash
# The broker is the one that Home Assistant knows; everything else stands in the app's options.
set -euo pipefail

scheme=mqtt
if bashio::var.true "$(bashio::services mqtt ssl)"; then
  scheme=mqtts
fi
MQTT_URL="${scheme}://$(bashio::services mqtt host):$(bashio::services mqtt port)"
MQTT_USERNAME="$(bashio::services mqtt username)"
MQTT_PASSWORD="$(bashio::services mqtt password)"
export MQTT_URL MQTT_USERNAME MQTT_PASSWORD

# For the watchdog of config.yaml; the port is open inside Home Assistant only.
export HTTP_HOST=0.0.0.0 HTTP_PORT=8080

exec node --enable-source-maps /app/dist/main.js --config /data/options.json
