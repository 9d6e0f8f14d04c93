"""The screen: shows a Board, says a Verb; knows no API and no table."""
