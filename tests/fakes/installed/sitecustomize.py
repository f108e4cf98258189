"""Every Python that starts with this folder on its path knows the tests' source as one of its own.

So commands, the desk and their children can be driven as people drive them, with a source whose
service is a server of the tests.
"""

from collectors import SOURCES
from tests.fakes.tape import TAPE

SOURCES[TAPE.name] = TAPE
