"""SDK-HMAC-SHA256, both forms: signs a request with an access key. Written from the description of
the scheme, not from the daemon's code, so that the one checks the other."""
import hashlib
import hmac
import time
import urllib.parse

ALGORITHM = "SDK-HMAC-SHA256"
UNRESERVED = "-_.~"


def quoted(text):
    return urllib.parse.quote(text, safe=UNRESERVED)


def canonical_path(path):
    parts = [quoted(urllib.parse.unquote(part)) for part in path.split("/")]
    whole = "/".join(parts)
    return whole if whole.endswith("/") else whole + "/"


def canonical_query(query):
    """query: a list of (name, value)."""
    pairs = sorted((quoted(name), quoted(str(value))) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in pairs)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def keyed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256)


def stamp(when=None):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(when if when is not None else time.time()))


def canonical_request(method, path, query, headers, body):
    """headers: lower-case name to value, all of them signed."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    payload = headers.get("x-sdk-content-sha256") or digest(body)
    return "\n".join([method, canonical_path(path), canonical_query(query), lines, names, payload])


def sign(method, path, query, headers, body, access_key, secret_key):
    """Authorization of the current form. headers must have x-sdk-date."""
    request = canonical_request(method, path, query, headers, body)
    text = f"{ALGORITHM}\n{headers['x-sdk-date']}\n{digest(request.encode())}"
    signature = keyed(secret_key.encode(), text).hexdigest()
    return (f"{ALGORITHM} Access={access_key}, SignedHeaders={';'.join(sorted(headers))}, "
            f"Signature={signature}")


def sign_derived(method, path, query, headers, body, access_key, secret_key, region="", service=""):
    """Authorization of the older form, whose key is derived from date, region and service."""
    date = headers["x-sdk-date"][:8]
    request = canonical_request(method, path, query, headers, body)
    if method == "POST" and not body:
        lines = request.split("\n")
        lines[2], lines[-1] = "", digest(canonical_query(query).encode())
        request = "\n".join(lines)
    scope = f"{date}/{region}/{service}/sdk_request"
    text = f"{ALGORITHM}\n{headers['x-sdk-date']}\n{scope}\n{digest(request.encode())}"
    key = ("SDK" + secret_key).encode()
    for part in (date, region, service, "sdk_request"):
        key = keyed(key, part).digest()
    signature = keyed(key, text).hexdigest()
    return (f"{ALGORITHM} Credential={access_key}/{scope}, "
            f"SignedHeaders={';'.join(sorted(headers))}, Signature={signature}")
