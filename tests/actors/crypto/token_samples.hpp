#pragma once

#include <string_view>

/// Keys and tokens that another implementation of JOSE (Node.js) made. The `sub` of the tokens
/// is "ann".
namespace hubbub::test {

inline constexpr std::string_view rs256_pem = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnRWg0AipKO1S5JtAsQHW
2h2X52sMaw3fnZaOfAfZowxMW/qiU+FGaubXROXft3YBpmVQDH/otdvj0/Dk16Kj
QwRKOxezlmjD0X0cSEfCVB+aOLl9sD5LekCgzEmJzHnCJJXyGVabGvqX9joug89B
mYols+j/VOlkN/hMZKOA5sp6TO2kOw3VfaZEIHsNe1Gty8qDzzAjWmIRsbD8FfWo
ygLe0/EQTn/g2Elb+ffrLO9jbOesdeJ9Qf56oVzTdRpC1I4NzfhxpboLrMLaqWeU
yv7j9uyuLl6k9XQW54flYoxA1t5FmsDgQ5Wp9zh8z0nOs15qgmJW7gfKJd8CrnT/
1wIDAQAB
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view es256_pem = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEP03BPkPehQia60q67W2uwm0S1ntM
spPNxehwWzEeOv4PNiFGe+Dm74Mf4p5cBFfu8/A0tWX+xL0To8gT9XK1ig==
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view eddsa_pem = R"(-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA0BOHgdtoYaJm9bINxrePVPAVmum5yBc5+YzJypYhp70=
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view weak_rsa_pem = R"(-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDEkEixofn3Eq1O7h1Meus3PLV0
AlxQgCim7MAmk6KzFi6Mb4hAtBtDFHZXcJezoGA+dlptStg1+ZwikjA5SG62NQwS
cBXokHFYhjeC7d+1wFJG4APHyb8SLmY591xfcMRUk1wR4PGa59ekNRoidWYf6yaS
Cmba/5MSxcOsbtvRtwIDAQAB
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view p384_pem = R"(-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAENd2cN5QAq+/fyxFJrhOKvjznM7pOlNRt
TC4U21lBvWzil+llirY0wjN6qvhOOiwPUmxdlGZvQmeRykZvVj8QmPFeDwHy5Ga6
5d2hQeNmPgdiHhoGdKbVizu6IFVfYwun
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view rs256_jwk =
    "{\"kty\":\"RSA\",\"n\":\"nRWg0AipKO1S5JtAsQHW2h2X52sMaw3fnZaOfAfZowxMW_qiU-"
    "FGaubXROXft3YBpm"
    "VQDH_otdvj0_Dk16KjQwRKOxezlmjD0X0cSEfCVB-aOLl9sD5LekCgzEmJzHnCJJXyGVabGvqX9joug89BmY"
    "ols-j_VOlkN_hMZKOA5sp6TO2kOw3VfaZEIHsNe1Gty8qDzzAjWmIRsbD8FfWoygLe0_EQTn_g2Elb-ffrLO"
    "9jbOesdeJ9Qf56oVzTdRpC1I4NzfhxpboLrMLaqWeUyv7j9uyuLl6k9XQW54flYoxA1t5FmsDgQ5Wp9zh8z0"
    "nOs15qgmJW7gfKJd8CrnT_1w\",\"e\":\"AQAB\"}";

inline constexpr std::string_view es256_jwk =
    "{\"kty\":\"EC\",\"x\":\"P03BPkPehQia60q67W2uwm0S1ntMspPNxehwWzEeOv4\",\"y\":\"DzYhRnvg5u-"
    "DH-KeX"
    "ARX7vPwNLVl_sS9E6PIE_VytYo\",\"crv\":\"P-256\"}";

inline constexpr std::string_view eddsa_jwk =
    "{\"crv\":\"Ed25519\",\"x\":\"0BOHgdtoYaJm9bINxrePVPAVmum5yBc5-YzJypYhp70\",\"kty\":"
    "\"OKP\"}";

inline constexpr std::string_view p384_jwk =
    "{\"kty\":\"EC\",\"x\":\"Nd2cN5QAq-_fyxFJrhOKvjznM7pOlNRtTC4U21lBvWzil-"
    "llirY0wjN6qvhOOiwP\",\""
    "y\":\"UmxdlGZvQmeRykZvVj8QmPFeDwHy5Ga65d2hQeNmPgdiHhoGdKbVizu6IFVfYwun\",\"crv\":\"P-"
    "384\"}";

inline constexpr std::string_view rs256_token =
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.DUv5ERz0QMFraomGJ_IZWaDevzxF"
    "mFkiStnGBnbFH0rR60siCyxtpLhgtHyuux4HC0isNwdeikS0um3sZN_V16oz3SJqCBccM2iVH4m0u0FEw-fj"
    "PJ7hTa9v0VDOFaAEm7cKkAmoocTXHsWMfd0ghWJ5Dm5armAq7yqKbKBMX0Sgb5PN9YXKR0oPeFTTaBW-jkFd"
    "_2XaXJnH2llHb6GwtMp78jeyrSKbeiZ7MMyS34PNkfsHKbL8Vtoq3jGulCgU_44oBruweVhlWF8QKcyt3zen"
    "f7afn_gMtVVx7E3541UHM192rR-ExD_y3AUrGzpeNd9tvoN22fewfUN1kUzB0A";

inline constexpr std::string_view es256_token =
    "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.QsR2ZImqDYDtK2yudYPcSWIz5dso"
    "49f0VeS1-Wm6zCfPIho0suz0_3mDC3pwoGXkPoqSNWK8t6pPpbIgdRvJug";

inline constexpr std::string_view eddsa_token =
    "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.9AfKYeZsEMrVuwn3JFWckVTASIcO"
    "bKNw0avPVdesgyMuItkCTsQcg1NSuuvem2gcosR_b5lwwHV6zvpqleOHBQ";

inline constexpr std::string_view es256_der_token =
    "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.MEUCIQD-bRwoj9kBsIsyN5q2AThb"
    "rvJ8jtWvlILUA16UBI4K3wIgS8wuF_0JG8ZCoZX7eJeiqTp9XBfSTtVj_7jLfz7M698";

inline constexpr std::string_view confused_token =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.xLZxLGkSL0k9GtrZ9JRk-IRNbsrx"
    "O9N_LRcV9aW9uyk";

inline constexpr std::string_view hs256_token =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.UQR3Ku1ijzWpXuMDzX32J5XfeT8k"
    "m0eETgLtPkVAnqY";

inline constexpr std::string_view rs256_kid_two_token =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InR3byJ9.eyJzdWIiOiJhbm4ifQ.NgWPanpdyq3VXQB9cW2FsZZ7-SSW"
    "smaV6yfNTeIMdBR5ZO1bVJ7Tb-woOsSBUp6vRfrK1UVlZB_3h0xnSz2oD_4asFvg7l6T9xIKEQcr21IeEVMl"
    "vH_GKILWfg8CKY4R11q50FFrkSymYsmxPRiwZAySdGIWBXW41zxyhrFc-v7wR-LxUEEPSUU54kSlNw6coeRZ"
    "JtuRQrUkwyajC-5c-Av_7pJf2DGzh1Oxqcn2lpJzJNytMf6V6-F9xc3q72c17Cl3ygBf6BjsxxoD6teiuyIp"
    "6QBaY5uRt4XO80cb2kHyeOBS-jus66_eWmVn-QUVNJTgsQRNEoKbBddnr1UXXg";

} // namespace hubbub::test
