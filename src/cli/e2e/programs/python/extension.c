/* An extension module of Python: adds up an iterable of numbers. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *total(PyObject *self, PyObject *numbers) {
  (void)self;
  PyObject *sequence = PySequence_Fast(numbers, "numbers are needed");
  if (!sequence) return NULL;
  double sum = 0;
  for (Py_ssize_t at = 0; at < PySequence_Fast_GET_SIZE(sequence); at++)
    sum += PyFloat_AsDouble(PySequence_Fast_GET_ITEM(sequence, at));
  Py_DECREF(sequence);
  return PyErr_Occurred() ? NULL : PyFloat_FromDouble(sum);
}

static PyMethodDef methods[] = {{"total", total, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "compiled", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_compiled(void) {
  return PyModule_Create(&module);
}
