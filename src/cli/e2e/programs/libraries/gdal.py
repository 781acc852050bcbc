"""GDAL: brings a place from degrees into metres with the database of PROJ, and makes a raster."""

import ctypes
import ctypes.util

gdal = ctypes.CDLL(ctypes.util.find_library("gdal"))
POINTER, NUMBER = ctypes.c_void_p, ctypes.POINTER(ctypes.c_double)
for name, result, arguments in [
    ("GDALVersionInfo", ctypes.c_char_p, [ctypes.c_char_p]),
    ("OSRNewSpatialReference", POINTER, [ctypes.c_char_p]),
    ("OSRImportFromEPSG", ctypes.c_int, [POINTER, ctypes.c_int]),
    ("OCTNewCoordinateTransformation", POINTER, [POINTER, POINTER]),
    ("OCTTransform", ctypes.c_int, [POINTER, ctypes.c_int, NUMBER, NUMBER, NUMBER]),
    ("GDALGetDriverByName", POINTER, [ctypes.c_char_p]),
    ("GDALCreate", POINTER, [POINTER, ctypes.c_char_p] + [ctypes.c_int] * 4 + [POINTER]),
    ("GDALClose", None, [POINTER]),
    ("GDALOpen", POINTER, [ctypes.c_char_p, ctypes.c_int]),
    ("GDALGetRasterXSize", ctypes.c_int, [POINTER]),
]:
    function = getattr(gdal, name)
    function.restype, function.argtypes = result, arguments

gdal.GDALAllRegister()
print("GDAL", gdal.GDALVersionInfo(b"RELEASE_NAME").decode().split(".")[0])


def system(code):
    reference = gdal.OSRNewSpatialReference(None)
    assert gdal.OSRImportFromEPSG(reference, code) == 0
    return reference


to_metres = gdal.OCTNewCoordinateTransformation(system(4326), system(25833))
x, y, z = ctypes.c_double(52.52), ctypes.c_double(13.405), ctypes.c_double(0)
gdal.OCTTransform(to_metres, 1, x, y, z)
print("Berlin", round(x.value, -3), round(y.value, -3))
raster = gdal.GDALCreate(gdal.GDALGetDriverByName(b"GTiff"), b"/vsimem/raster.tif", 30, 20, 1, 1, None)
gdal.GDALClose(raster)
print("width", gdal.GDALGetRasterXSize(gdal.GDALOpen(b"/vsimem/raster.tif", 0)))
