// Everything the workbench is made of, in one file that the app reads: `npm ci && npm run build`.
import { build } from "esbuild";

await build({
  entryPoints: ["src/index.ts"],
  outfile: process.argv[2] ?? "../explorer/workbench.js",
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "iife",
  globalName: "archspecWorkbench",
  target: "es2022",
  legalComments: "none",
  loader: { ".css": "text" },
});
