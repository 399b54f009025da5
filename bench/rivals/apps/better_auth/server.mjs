// Makes the tables, and serves better-auth's handler by Node's own HTTP server on PORT.
// https://better-auth.com/docs/integrations/express, https://better-auth.com/docs/concepts/cli

import { createServer } from "node:http";

import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";

import { auth } from "./auth.mjs";

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
createServer(toNodeHandler(auth)).listen(Number(process.env.PORT), "127.0.0.1");
