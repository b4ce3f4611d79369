#!/usr/bin/env python3
"""Writes the vectors of iam_signature.c: requests signed by tests/harness/signature.py, which is
written from the description of the scheme and knows nothing of the daemon's code.

    tests/unit/signature_vectors.py OUTPUT
"""
import os
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "harness"))

import signature  # noqa: E402

ACCESS, SECRET, DATE = "AKIDEXAMPLE000000001", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12", "20261123T100000Z"
HEADERS = {"host": "127.0.0.1:8443", "x-sdk-date": DATE}
CASES = [
    ("a bare path", "GET", "/v3/projects", "", {}, b""),
    ("a path that ends with a slash", "GET", "/v3/", "", {}, b""),
    ("a query to be sorted", "GET", "/v3/projects", "page=2&name=eu-casement-1&enabled=true", {}, b""),
    ("letters that are encoded", "GET", "/v3/p%20q/a*b", "k=%E4%B8%AD&star=a*b&tilde=~", {}, b""),
    ("a key without value", "GET", "/v3/projects", "name", {}, b""),
    ("a body", "POST", "/v3/groups", "", {"content-type": "application/json"},
     b'{"group": {"name": "g"}}'),
    ("the body of a GET", "GET", "/v3/projects", "name=x", {"content-type": "application/json"}, b"{}"),
    ("a payload that is not signed", "PUT", "/v3/things", "", {"x-sdk-content-sha256": "UNSIGNED-PAYLOAD"},
     b"\x00\x01binary"),
    ("values with white space around them", "GET", "/v3/projects", "", {"user-agent": "  a client "}, b""),
    ("a POST without body but with a query", "POST", "/v3/x", "b=2&a=1%2F2", {}, b""),
    ("a security token", "GET", "/v3/users", "", {"x-security-token": "v1.abc+/="}, b""),
]


def c_text(data):
    if isinstance(data, str):
        data = data.encode()
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in data) + '"'


def main():
    lines = ["/* Made by signature_vectors.py. */",
             f"#define VECTOR_DATE {c_text(DATE)}", f"#define VECTOR_SECRET {c_text(SECRET)}",
             "static const SignatureVector vectors[] = {"]
    for name, method, path, query, more, body in CASES:
        headers = {**HEADERS, **more}
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        for form, sign in (("current", signature.sign), ("derived", signature.sign_derived)):
            if form == "derived" and "x-sdk-content-sha256" in more:
                continue  # its clients never send it
            made = sign(method, path, pairs, headers, body, ACCESS, SECRET)
            flat = "".join(f"{key}\n{value}\n" for key, value in headers.items())
            lines.append("    {" + ", ".join([c_text(f"{name} ({form})"), c_text(method), c_text(path),
                         c_text(query), c_text(flat), c_text(body), str(len(body)), c_text(made)]) + "},")
    lines.append("};")
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
