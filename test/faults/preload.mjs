/** Loaded into the command before it begins (NODE_OPTIONS=--import): another clock, and death at a statement to the state file. */
import { writeFileSync } from "node:fs";
import { DatabaseSync, StatementSync } from "node:sqlite";

const { FAULTS_CLOCK: ahead, FAULTS_DIE_AT: dieAt, FAULTS_STATEMENTS: list } = process.env;

if (ahead !== undefined) {
  const now = () => real() + Number(ahead);
  const real = Date.now.bind(Date);
  globalThis.Date = new Proxy(Date, {
    construct: (target, args) => new target(...(args.length === 0 ? [now()] : args)),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
}

const said = [];

function about(text) {
  said.push(text.replaceAll(/\s+/g, " ").trim().slice(0, 60));
  if (said.length === Number(dieAt)) process.kill(process.pid, "SIGKILL");
}

const texts = new WeakMap();
const { exec, prepare } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (text) {
  about(text);
  return exec.call(this, text);
};
DatabaseSync.prototype.prepare = function (text, ...more) {
  const statement = prepare.call(this, text, ...more);
  texts.set(statement, text);
  return statement;
};
for (const how of ["run", "get", "all"]) {
  const real = StatementSync.prototype[how];
  StatementSync.prototype[how] = function (...values) {
    about(texts.get(this) ?? "");
    return real.apply(this, values);
  };
}
if (list !== undefined) process.on("exit", () => writeFileSync(list, JSON.stringify(said)));
