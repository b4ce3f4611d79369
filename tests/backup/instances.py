"""What the files of this suite share: connections to instances and their rows."""
from cloud import PASSWORD
from tds_client import Client

NEW_PASSWORD = "Restored-1433!"


def connect(instance, password=PASSWORD, database="", user="rdsuser"):
    client = Client(instance["private_ips"][0], instance["port"], user, password, database)
    if getattr(client, "login", None) is None:
        client.connect()
    return client


def rows(instance, sql, database="shop", **more):
    with connect(instance, database=database, **more) as client:
        reply = client.batch(sql)
        reply.check()
        return [tuple(row) for row in reply.rows]
