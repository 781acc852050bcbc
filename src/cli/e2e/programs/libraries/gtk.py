"""GTK and the libraries below it: draws a text with Pango into an image of Cairo."""

import ctypes
import ctypes.util

POINTER = ctypes.c_void_p
gtk, pango, cairo = [ctypes.CDLL(ctypes.util.find_library(name)) for name in ("gtk-3", "pangocairo-1.0", "cairo")]
for library, name, result, arguments in [
    (cairo, "cairo_image_surface_create", POINTER, [ctypes.c_int] * 3),
    (cairo, "cairo_create", POINTER, [POINTER]),
    (cairo, "cairo_image_surface_get_data", POINTER, [POINTER]),
    (cairo, "cairo_surface_flush", None, [POINTER]),
    (pango, "pango_cairo_create_layout", POINTER, [POINTER]),
    (pango, "pango_layout_set_text", None, [POINTER, ctypes.c_char_p, ctypes.c_int]),
    (pango, "pango_layout_get_unknown_glyphs_count", ctypes.c_int, [POINTER]),
    (pango, "pango_cairo_show_layout", None, [POINTER, POINTER]),
]:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments

ARGB32, WIDTH, HEIGHT = 0, 200, 50
surface = cairo.cairo_image_surface_create(ARGB32, WIDTH, HEIGHT)
context = cairo.cairo_create(surface)
layout = pango.pango_cairo_create_layout(context)
pango.pango_layout_set_text(layout, "Text äß".encode(), -1)
pango.pango_cairo_show_layout(context, layout)
cairo.cairo_surface_flush(surface)
points = ctypes.string_at(cairo.cairo_image_surface_get_data(surface), 4 * WIDTH * HEIGHT)
print("GTK", gtk.gtk_get_major_version())
print("unknown letters", pango.pango_layout_get_unknown_glyphs_count(layout))
print("drawn", any(points))
