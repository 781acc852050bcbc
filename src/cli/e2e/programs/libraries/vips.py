"""libvips: scales an image, writes it in several formats and reads these back."""

import ctypes
import ctypes.util

vips = ctypes.CDLL(ctypes.util.find_library("vips"))
vips.vips_version_string.restype = ctypes.c_char_p
vips.vips_image_new_from_buffer.restype = ctypes.c_void_p
vips.vips_image_get_width.argtypes = [ctypes.c_void_p]

vips.vips_init(b"vips.py")
print("libvips", vips.vips_version_string().decode().split(".")[0])
black, small = ctypes.c_void_p(), ctypes.c_void_p()
vips.vips_black(ctypes.byref(black), 100, 80, None)
vips.vips_resize(black, ctypes.byref(small), ctypes.c_double(0.5), None)
for ending in (".png", ".jpg", ".webp", ".tif", ".gif"):
    buffer, size = ctypes.c_void_p(), ctypes.c_size_t()
    vips.vips_image_write_to_buffer(small, ending.encode(), ctypes.byref(buffer), ctypes.byref(size), None)
    read = vips.vips_image_new_from_buffer(buffer, size, b"", None)
    print(ending, vips.vips_image_get_width(read))
