"""What the web server loads."""

from config import from_environment
from grants.app import create_app

app = create_app(from_environment())
