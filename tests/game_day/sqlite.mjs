// Another program that has the database open: SQLite's own shell.
import { spawn } from 'node:child_process';

export class OtherProgram {
  constructor(path) {
    this.child = spawn('sqlite3', [path], { stdio: ['pipe', 'ignore', 'ignore'] });
    this.child.on('error', () => {});
  }

  begin() {
    this.child.stdin.write('BEGIN;\nSELECT count(*) FROM sqlite_schema;\n');
  }

  end() {
    this.child.kill('SIGKILL');
  }
}
