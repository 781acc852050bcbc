"""GStreamer: encodes a sound and a video with plugins that it finds."""

import ctypes
import ctypes.util
import os

gst = ctypes.CDLL(ctypes.util.find_library("gstreamer-1.0"))
POINTER = ctypes.c_void_p
for name, result, arguments in [
    ("gst_parse_launch", POINTER, [ctypes.c_char_p, POINTER]),
    ("gst_element_set_state", ctypes.c_int, [POINTER, ctypes.c_int]),
    ("gst_element_get_bus", POINTER, [POINTER]),
    ("gst_bus_timed_pop_filtered", POINTER, [POINTER, ctypes.c_uint64, ctypes.c_int]),
]:
    function = getattr(gst, name)
    function.restype, function.argtypes = result, arguments

PLAYING, NULL, END_OR_ERROR, FOR_EVER = 4, 1, 3, 2**64 - 1
gst.gst_init(None, None)
for name, pipeline in [
    ("sound.flac", "audiotestsrc num-buffers=10 ! flacenc"),
    ("video.webm", "videotestsrc num-buffers=5 ! video/x-raw,width=32,height=32 ! vp8enc ! webmmux"),
]:
    path = f"/tmp/{name}"
    element = gst.gst_parse_launch(f"{pipeline} ! filesink location={path}".encode(), None)
    gst.gst_element_set_state(element, PLAYING)
    gst.gst_bus_timed_pop_filtered(gst.gst_element_get_bus(element), FOR_EVER, END_OR_ERROR)
    gst.gst_element_set_state(element, NULL)
    with open(path, "rb") as file:
        print(name, file.read(4).hex(), os.path.getsize(path) > 500)
