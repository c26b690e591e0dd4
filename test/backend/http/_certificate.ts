/** A self-signed certificate for 127.0.0.1 as chargers have one (charger-wire 4.6); made for these tests only, valid for 100 years. */
export const cert = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUYof59n3MY7Z7LXxmt1PfMtpU2fUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJd2FycC10ZXN0MCAXDTI2MTEyMjEwNTU1N1oYDzIxMjYxMDI5
MTA1NTU3WjAUMRIwEAYDVQQDDAl3YXJwLXRlc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASeKkU2/eDh7khX9sTv4+0dEjTbK1D+38pX/iZlaoQoAjW2eAJegL71
p9ag7RLZ++QE5RkBWqM9C+ggv5Pznivro28wbTAdBgNVHQ4EFgQUbXYNl8YkweNs
mlSl9Sk03rsyvqwwHwYDVR0jBBgwFoAUbXYNl8YkweNsmlSl9Sk03rsyvqwwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
zj0EAwIDSQAwRgIhALlBziKA24OCekE3tOZwGQJ+CrXhoypFJLg/LRp8af6/AiEA
9GoqWd600E2+JqbYB8khzpndrFyc6KrsvQxlsj//wTI=
-----END CERTIFICATE-----`;

/** Its key. */
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdX4lVbUM9K0f76o8
cXtVbZGzSjIIyC/mTKCS7Sz7mEGhRANCAASeKkU2/eDh7khX9sTv4+0dEjTbK1D+
38pX/iZlaoQoAjW2eAJegL71p9ag7RLZ++QE5RkBWqM9C+ggv5Pznivr
-----END PRIVATE KEY-----`;
