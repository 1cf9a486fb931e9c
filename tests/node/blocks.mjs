// The code blocks of a document.
import { readFileSync } from 'node:fs';

/**
 * The fenced blocks of a Markdown file, in order: their language, what else their fence says,
 * their text, and the line of their first line.
 */
export function fencedBlocks(path) {
  const blocks = [];
  let open;
  for (const [place, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    const fence = /^(\s*)```(\S*)\s*(.*)$/.exec(line);
    if (open !== undefined) {
      if (fence === null || fence[2] !== '') {
        // A block in a list is indented as its fence is.
        open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
        continue;
      }
      const { lines, indent: _, ...block } = open;
      blocks.push({ ...block, text: lines.join('\n') });
      open = undefined;
    } else if (fence !== null) {
      open = { language: fence[2], info: fence[3], line: place + 2, indent: fence[1], lines: [] };
    }
  }
  if (open !== undefined) throw new Error(`${path}: the block of line ${open.line} has no end`);
  return blocks;
}
