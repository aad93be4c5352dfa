/**
 * Lines over 120 characters in code and documents, and folder READMEs (not those of docs/) of more than 60 lines. Comments are let
 * pass; in documents also tables, addresses and what stands in a fenced block (output of a program):
 * `node build/checks/long-lines.ts`.
 */
import { projectFiles, readText, report } from './project.ts';

const maxChars = 120;
const maxReadmeLines = 60;

const isComment = (line: string): boolean => /^\s*(\/\/|\/\*|\*|#|<!--|--)/.test(line);
const isTableRow = (line: string): boolean => /^\s*\|/.test(line);
const isAddress = (line: string): boolean => /^\s*([-*>]\s+)?<?https?:\/\/\S+>?$/.test(line);

/** A released step of a schema is never edited. */
const isReleased = (file: string): boolean => /\/migrations(\/\d{4}-.*)?\.ts$/.test(file);

const findings: string[] = [];
for (const file of projectFiles(['.ts', '.tsx', '.mjs', '.js', '.css', '.html', '.yml', '.md'])) {
  const isDocument = file.endsWith('.md');
  const lines = readText(file).trimEnd().split('\n');
  let isFenced = false;
  for (const [i, line] of lines.entries()) {
    if (isDocument && line.startsWith('```')) isFenced = !isFenced;
    const letPass = isDocument ? isFenced || isTableRow(line) || isAddress(line) : isComment(line);
    const chars = Array.from(line).length;
    if (chars > maxChars && !letPass && !isReleased(file))
      findings.push(`${file}:${i + 1} has ${chars} characters`);
  }
  if (file.endsWith('/README.md') && !file.startsWith('docs/') && lines.length > maxReadmeLines)
    findings.push(`${file}:${lines.length} has more than ${maxReadmeLines} lines`);
}
report('long lines', findings);
