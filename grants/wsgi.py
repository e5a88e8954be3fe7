"""What the web server loads."""

from grants.app import create_app
from grants.settings import from_environment

app = create_app(from_environment())
