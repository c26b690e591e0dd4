// Prints what CHANGELOG.md says of one version, for the tag and for the page of a release.
// usage: node scripts/changelog.js VERSION [--date]    --date: only the day
import { readFileSync } from 'node:fs';

const [version, flag] = process.argv.slice(2);
const text = readFileSync('CHANGELOG.md', 'utf8');
const sections = text.split(/^## /m).slice(1);
const section = sections.find((one) => one.startsWith(`${version} - `));
if (!version || !section) {
  console.error(`CHANGELOG.md has no heading "## ${version ?? 'VERSION'} - YYYY-MM-DD"`);
  process.exit(1);
}
const [heading = '', ...lines] = section.split('\n');
console.log(flag === '--date' ? heading.slice(version.length + 3) : lines.join('\n').trim());
