# Several processes that share out the chargers. README.md says how.
variable "image" {
  type        = string
  description = "The image that you have built and pushed to your own registry."
}

job "evse-mqtt-bridge" {
  datacenters = ["dc1"]

  group "bridge" {
    # The same number stands in SHARD below.
    count = 2

    network {
      port "http" {
        to = 8092
      }
    }

    service {
      name     = "evse-mqtt-bridge"
      port     = "http"
      provider = "nomad"

      check {
        type     = "http"
        path     = "/livez"
        interval = "30s"
        timeout  = "5s"
      }
    }

    task "bridge" {
      driver = "docker"

      config {
        image           = var.image
        ports           = ["http"]
        readonly_rootfs = true
        cap_drop        = ["all"]
        security_opt    = ["no-new-privileges"]
        pids_limit      = 64
      }

      env {
        SHARD              = "${NOMAD_ALLOC_INDEX}/2"
        CHARGERS_DIR       = "/local/chargers.d"
        MQTT_URL           = "mqtt://192.168.1.5"
        MQTT_USERNAME      = "bridge"
        MQTT_PASSWORD_FILE = "/secrets/mqtt_password"
        HTTP_HOST          = "0.0.0.0"
        HTTP_USERNAME      = "admin"
        HTTP_PASSWORD_FILE = "/secrets/http_password"
        LOG_FORMAT         = "json"
      }

      # The logins are Nomad variables: nomad var put nomad/jobs/evse-mqtt-bridge mqtt_password=… http_password=…
      template {
        destination = "secrets/mqtt_password"
        data        = "{{ with nomadVar \"nomad/jobs/evse-mqtt-bridge\" }}{{ .mqtt_password }}{{ end }}"
      }

      template {
        destination = "secrets/http_password"
        data        = "{{ with nomadVar \"nomad/jobs/evse-mqtt-bridge\" }}{{ .http_password }}{{ end }}"
      }

      # One file for each charger. The running processes see a change: nothing is started again.
      template {
        destination = "local/chargers.d/garage-left.yaml"
        change_mode = "noop"
        data        = <<-EOT
          prefix: garage/left
          charger:
            url: http://192.168.1.20
        EOT
      }

      template {
        destination = "local/chargers.d/garage-right.yaml"
        change_mode = "noop"
        data        = <<-EOT
          prefix: garage/right
          charger:
            url: http://192.168.1.21
        EOT
      }

      # For 100 chargers; docs/scaling.md has the figures.
      resources {
        cpu    = 200
        memory = 384
      }
    }
  }
}
