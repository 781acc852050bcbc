/** The interpreter of the images, whatever its version is. */
export const PYTHON = '/usr/bin/python3';

/** Nothing is written beside the sources, which are read-only, and what is printed is seen at once. */
export const PYTHON_ENV: Readonly<Record<string, string>> = {
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONUNBUFFERED: '1',
};
