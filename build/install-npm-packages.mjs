// Run by the builds that need packages from npm, in the folder of their package.json, with what the packages are for. Installs into a folder of its own and
// renames it, so that builds at the same time, or a build that is killed, never leave half of node_modules; npm ci alone would delete what another build or
// a running host is using.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

const marker = 'node_modules/.package-lock.json'; // written by npm; the builds compare its time with that of the lock file
const purpose = process.argv[2];
const started = Date.now();
const modified = path => existsSync(path) ? statSync(path).mtimeMs : 0;

for (const abandoned of readdirSync('.').filter(name => name.startsWith('.install-') && modified(name) < started - 3_600_000)) {
  rmSync(abandoned, { recursive: true, force: true });
}

const staging = mkdtempSync('.install-');
try {
  install();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(staging, { recursive: true, force: true });
}

function install() {
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(file, `${staging}/${file}`);
  }

  const npm = spawnSync('npm ci --ignore-scripts --prefer-offline --no-audit --no-fund', { cwd: staging, shell: true, encoding: 'utf8' });
  if (/not found|not recognized/.test(npm.stderr) && !/^npm /m.test(npm.stderr)) {
    throw new Error(`npm is needed for ${purpose} and was not found on PATH: install Node.js 20 or later with its npm and build again.`);
  }

  // Optional packages that cannot be downloaded are left out without an error, so their presence is what counts.
  const missing = packagesOfThisPlatform().filter(path => !existsSync(`${staging}/${path}/package.json`));
  if (npm.status !== 0 || missing.length > 0) {
    const names = missing.map(path => path.replace('node_modules/', '')).join(' and ');
    const reason = npm.stderr.split('\n').find(line => line.startsWith('npm error')) ?? 'not to be downloaded, or not what the lock file says.';
    throw new Error(`npm ci failed for ${names || 'package.json'} in ${process.cwd()}: ${reason}`);
  }

  if (modified(marker) > started) {
    return; // another build was faster
  }

  mkdirSync(`${staging}/replaced`);
  mkdirSync(`${staging}/node_modules`, { recursive: true });
  writeFileSync(`${staging}/${marker}`, '', { flag: 'a' }); // npm writes neither on a platform that has no package
  if (existsSync('node_modules')) {
    renameSync('node_modules', `${staging}/replaced/node_modules`);
  }
  renameSync(`${staging}/node_modules`, 'node_modules');
}

function packagesOfThisPlatform() {
  const libc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
  return Object.entries(JSON.parse(readFileSync('package-lock.json', 'utf8')).packages)
    .filter(([, { os, cpu, libc: needed }]) =>
      os?.includes(process.platform) && cpu?.includes(process.arch) && (!needed || needed.includes(libc)))
    .map(([path]) => path);
}
