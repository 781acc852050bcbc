"""NumPy with OpenBLAS: products and equations of matrices on as many threads as OPENBLAS_NUM_THREADS says, which is 2."""

import ctypes
import os

import numpy

size = 600
rows = numpy.arange(size, dtype=float)
matrix = numpy.outer(rows, numpy.ones(size)) + numpy.identity(size)
product = matrix @ matrix.T
print("product", product[2, 3], numpy.allclose(product, numpy.einsum("ij,kj->ik", matrix, matrix)))
solution = numpy.linalg.solve(matrix, matrix @ rows)
print("solution", numpy.allclose(solution, rows))
print("eigenvalues", numpy.linalg.eigvalsh(numpy.diag([3.0, 1.0, 2.0])).tolist())
for name in ("libblas.so.3", "liblapack.so.3"):
    library = os.path.realpath(f"/usr/lib/x86_64-linux-gnu/{name}")
    print(name, "is", os.path.basename(os.path.dirname(library)))
blas = ctypes.CDLL("libblas.so.3")
blas.openblas_get_config.restype = ctypes.c_char_p
threads = min(2, len(os.sched_getaffinity(0)))
print(blas.openblas_get_config().decode().split()[0], blas.openblas_get_num_threads() == threads)
