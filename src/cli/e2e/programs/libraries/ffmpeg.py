"""FFmpeg's libraries: find out what is in a file, and know the encoders of other libraries."""

import ctypes
import ctypes.util
import wave

AUDIO = 1


class Codec(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("long_name", ctypes.c_char_p)]


with wave.open("/tmp/silence.wav", "wb") as file:
    file.setnchannels(2)
    file.setsampwidth(2)
    file.setframerate(48000)
    file.writeframes(bytes(4 * 48000))

avformat = ctypes.CDLL(ctypes.util.find_library("avformat"))
avcodec = ctypes.CDLL(ctypes.util.find_library("avcodec"))
avcodec.avcodec_find_encoder_by_name.restype = ctypes.POINTER(Codec)
context, codec = ctypes.c_void_p(), ctypes.POINTER(Codec)()
print("open", avformat.avformat_open_input(ctypes.byref(context), b"/tmp/silence.wav", None, None))
print("streams", avformat.avformat_find_stream_info(context, None))
print("best", avformat.av_find_best_stream(context, AUDIO, -1, -1, ctypes.byref(codec), 0), codec.contents.name.decode())
encoders = [b"libx264", b"libx265", b"libvpx-vp9", b"libopus", b"libmp3lame", b"libsvtav1"]
print(*[avcodec.avcodec_find_encoder_by_name(name).contents.name.decode() for name in encoders])
