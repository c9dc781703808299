"""What the Python chats share: their options, and messages in SQLite."""
import argparse
import sqlite3
from datetime import datetime, timezone


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--db", required=True)
    parser.add_argument("--durability", choices=["full", "normal"], default="full")
    return parser.parse_args()


class MessageStore:
    def __init__(self, path, durability):
        self.db = sqlite3.connect(path, isolation_level=None)  # each statement is a transaction
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute(f"PRAGMA synchronous = {durability}")
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, room TEXT NOT NULL,"
            " username TEXT NOT NULL, content TEXT NOT NULL, created_at TEXT NOT NULL)"
        )

    def add(self, room, username, content):
        """The message as members get it, once it is stored."""
        created_at = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        row = self.db.execute(
            "INSERT INTO messages (room, username, content, created_at) VALUES (?, ?, ?, ?)",
            (room, username, content, created_at),
        )
        return {
            "id": row.lastrowid,
            "room": room,
            "username": username,
            "content": content,
            "created_at": created_at,
        }
