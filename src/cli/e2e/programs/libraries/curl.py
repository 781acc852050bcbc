"""libcurl: asks an HTTPS server on localhost with the default trust of the image."""

import ctypes
import ctypes.util
import sys

URL, WRITE_FUNCTION = 10002, 20011

curl = ctypes.CDLL(ctypes.util.find_library("curl"))
curl.curl_easy_init.restype = ctypes.c_void_p
curl.curl_easy_setopt.argtypes = [ctypes.c_void_p, ctypes.c_int]
curl.curl_easy_perform.argtypes = [ctypes.c_void_p]
curl.curl_easy_strerror.restype = ctypes.c_char_p


@ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.POINTER(ctypes.c_char), ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p)
def write(data, size, count, _):
    print(data[: size * count].decode())
    return size * count


handle = curl.curl_easy_init()
curl.curl_easy_setopt(handle, URL, ctypes.c_char_p(f"https://localhost:{sys.argv[1]}/".encode()))
curl.curl_easy_setopt(handle, WRITE_FUNCTION, write)
result = curl.curl_easy_perform(handle)
if result != 0:
    print(curl.curl_easy_strerror(result).decode())
