/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compression } from "vite-plugin-compression2";

const server = process.env.ALMA_SERVER ?? "http://127.0.0.1:8000";

// What is built goes into the package: the server has it beside its code, and the wheel carries it.
export default defineConfig({
  // Packed once here, and not at every request.
  plugins: [react(), compression({ algorithms: ["gzip", "brotliCompress"], threshold: 1024 })],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../alma/web",
    emptyOutDir: true,
    sourcemap: false,
    target: "es2023",
    manifest: true,
    // What is handed on with the bundle, as the licences of its parts ask; Settings, About leads there.
    license: { fileName: "licences.txt" },
  },
  server: {
    proxy: {
      "/api": server,
      "/health": server,
      "/graphql": server,
      "/docs": server,
      "/openapi.json": server,
      "/static-offline-docs": server,
      "/ws": { target: server, ws: true },
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
  },
});
