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

# For the watchdog of config.yaml; the port is open inside Home Assistant only. Whoever comes through Home Assistant has
# logged in there; nobody else knows this password, which lasts as long as the app runs.
HTTP_PASSWORD="$(head -c 24 /dev/urandom | base64)"
export HTTP_HOST=0.0.0.0 HTTP_PORT=8092 HTTP_USERNAME=homeassistant HTTP_PASSWORD HTTP_TRUSTED_PROXIES=172.30.32.2

exec node --enable-source-maps /app/dist/main.js --config /data/options.json
