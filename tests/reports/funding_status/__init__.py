"""The funding status of a fund: published figures, the bridge, pages and papers."""
