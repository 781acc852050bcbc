"""libpq: encodes a password, reads a connection string, and finds that no server listens."""

import ctypes
import ctypes.util
import hashlib

pq = ctypes.CDLL(ctypes.util.find_library("pq"))
pq.PQencryptPassword.restype = ctypes.c_char_p
pq.PQconnectdb.restype = ctypes.c_void_p
pq.PQerrorMessage.restype = ctypes.c_char_p
pq.PQerrorMessage.argtypes = [ctypes.c_void_p]

print("17 or newer", pq.PQlibVersion() >= 170000)
expected = "md5" + hashlib.md5(b"secretme").hexdigest()
print("password", pq.PQencryptPassword(b"secret", b"me").decode() == expected)
connection = pq.PQconnectdb(b"host=127.0.0.1 port=1 user=me sslmode=require gssencmode=disable")
print(pq.PQerrorMessage(connection).decode().splitlines()[0])
