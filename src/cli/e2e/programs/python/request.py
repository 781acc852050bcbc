"""Asks an HTTPS server on localhost with the default trust of the image; prints the answer, or why there is none."""

import http.client
import ssl
import sys

connection = http.client.HTTPSConnection("localhost", int(sys.argv[1]))
try:
    connection.connect()
    version = connection.sock.version()
    connection.request("GET", "/")
    print(connection.getresponse().read().decode(), version)
except ssl.SSLCertVerificationError as error:
    print(error.verify_message)
