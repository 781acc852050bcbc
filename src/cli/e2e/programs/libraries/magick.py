"""ImageMagick: makes an image, writes it in several formats and reads these back."""

import ctypes
import ctypes.util

wand = ctypes.CDLL(ctypes.util.find_library("MagickWand-7.Q16"))
POINTER, SIZE, TEXT = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
for name, result, arguments in [
    ("NewMagickWand", POINTER, []),
    ("NewPixelWand", POINTER, []),
    ("PixelSetColor", ctypes.c_int, [POINTER, TEXT]),
    ("MagickNewImage", ctypes.c_int, [POINTER, SIZE, SIZE, POINTER]),
    ("MagickResizeImage", ctypes.c_int, [POINTER, SIZE, SIZE, ctypes.c_int]),
    ("MagickSetImageFormat", ctypes.c_int, [POINTER, TEXT]),
    ("MagickGetImageBlob", POINTER, [POINTER, ctypes.POINTER(SIZE)]),
    ("MagickReadImageBlob", ctypes.c_int, [POINTER, POINTER, SIZE]),
    ("MagickGetImageWidth", SIZE, [POINTER]),
    ("MagickGetImageHeight", SIZE, [POINTER]),
    ("MagickGetImageFormat", TEXT, [POINTER]),
]:
    function = getattr(wand, name)
    function.restype, function.argtypes = result, arguments

LANCZOS = 22
wand.MagickWandGenesis()
color = wand.NewPixelWand()
wand.PixelSetColor(color, b"#336699")
image = wand.NewMagickWand()
wand.MagickNewImage(image, 80, 60, color)
wand.MagickResizeImage(image, 40, 30, LANCZOS)
for name in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"):
    wand.MagickSetImageFormat(image, name.encode())
    size = SIZE()
    blob = wand.MagickGetImageBlob(image, ctypes.byref(size))
    read = wand.NewMagickWand()
    wand.MagickReadImageBlob(read, blob, size)
    print(wand.MagickGetImageFormat(read).decode(), wand.MagickGetImageWidth(read), wand.MagickGetImageHeight(read))
