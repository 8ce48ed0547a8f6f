// Run by Styles.targets. Tailwind's compiler is plain JavaScript; its command line would bring native programs for finding the class names, which the few
// lines below do as well: whatever looks like a word in a page or a script is offered, and the compiler takes what it knows.
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { compile } from 'tailwindcss';

const require = createRequire(import.meta.url);
const root = resolve(import.meta.dirname, '..');
const output = join(root, 'wwwroot/app.css');
const skipped = new Set(['bin', 'obj', 'node_modules', 'artifacts']);

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name)) yield* sources(join(folder, entry.name));
    } else if (/\.(cshtml|cs|js)$/.test(entry.name)) {
      yield join(folder, entry.name);
    }
  }
}

const words = new Set();
for (const file of sources(root)) {
  for (const word of readFileSync(file, 'utf8').split(/[\s"'`<>=;{}\\]+/)) {
    if (/^!?-?[a-z@*\[]/.test(word) && word.length < 100) words.add(word);
  }
}

const compiler = await compile(readFileSync(join(root, 'Styles/app.css'), 'utf8'), {
  base: join(root, 'Styles'),
  loadStylesheet: async (id, base) => {
    const path = id.startsWith('.') ? resolve(base, id) : require.resolve(id === 'tailwindcss' ? 'tailwindcss/index.css' : id);
    return { path, base: dirname(path), content: readFileSync(path, 'utf8') };
  },
});

// Renamed when complete: another build, or a running service, never reads half a file.
const css = compiler.build([...words]).replace(/\/\*[^!][\s\S]*?\*\//g, '').replace(/\n\s*/g, '\n');
writeFileSync(`${output}.new`, css);
renameSync(`${output}.new`, output);
