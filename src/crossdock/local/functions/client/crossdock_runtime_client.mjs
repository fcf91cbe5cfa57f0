// A small Lambda runtime client for Node.js: it speaks the Lambda Runtime API (Lambda Developer Guide, "Using the Lambda
// runtime API"), finds the handler as Lambda does ("Define Lambda function handler in Node.js"), and writes the log in
// Lambda's format. No dependencies; it runs in the function's process.

import fs from "node:fs";
import http from "node:http";
import { createRequire, register } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import util from "node:util";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const root = process.env.LAMBDA_TASK_ROOT;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let requestId = "undefined";

function call(method, where, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host, port, method, path: `/2018-06-01/runtime${where}`, agent,
        headers: body === undefined ? headers : { "Content-Length": Buffer.byteLength(body), ...headers } },
      (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(parts).toString() }));
      });
    request.on("error", reject);
    request.end(body);
  });
}

function log(level, given) {
  const line = `${new Date().toISOString()}\t${requestId}\t${level}\t${util.format(...given)}`;
  fs.writeSync(1, line.replaceAll("\n", "\r") + "\n");
}

for (const [name, level] of [["log", "INFO"], ["info", "INFO"], ["debug", "DEBUG"], ["warn", "WARN"],
                             ["error", "ERROR"], ["trace", "TRACE"]]) {
  console[name] = (...given) => log(level, given);
}

function fault(type, message) {
  return Object.assign(new Error(message), { name: type });
}

function shown(error) {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  return { errorType: error.name || "Error", errorMessage: error.message || String(error),
           trace: (error.stack || "").split("\n") };
}

const sdk = process.env.CROSSDOCK_NODE_SDK;
delete process.env.CROSSDOCK_NODE_SDK;
if (sdk && typeof register === "function") {
  register("./crossdock_sdk_hooks.mjs", import.meta.url, { data: { beside: pathToFileURL(path.join(sdk, "x.js")).href } });
}

// Lambda's Node.js runtimes bring the AWS SDK; whoever runs this may not have it.
function told(error) {
  const missing = /Cannot find (?:module|package) '((?:@aws-sdk|@smithy)\/[^']+|aws-sdk[^']*)'/.exec(error.message || "");
  if (missing) {
    return fault("NotEmulated", `the local AWS does not emulate the AWS SDK of Lambda's Node.js runtimes (${missing[1]}); `
      + "put it into the function's package");
  }
  if (["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error.code)) {
    return fault("Runtime.ImportModuleError", `Error: ${error.message}`);
  }
  return error instanceof SyntaxError ? fault("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`) : error;
}

async function load(handler) {
  const found = /^(?<folder>.*?\/)?(?<module>[^/.]+)\.(?<name>.+)$/.exec(handler);
  if (!found) {
    throw fault("Runtime.MalformedHandlerName", "Bad handler");
  }
  const base = path.resolve(root, found.groups.folder || "", found.groups.module);
  const file = ["", ".js", ".mjs", ".cjs"].map((end) => base + end)
    .find((one) => fs.existsSync(one) && fs.statSync(one).isFile());
  let module;
  if (file === undefined || (file.endsWith(".js") && !isModule(file)) || file.endsWith(".cjs")) {
    module = createRequire(path.join(root, "x.js"))(file || base);
  } else {
    module = await import(pathToFileURL(file).href);
  }
  let held = module;
  for (const name of found.groups.name.split(".")) {
    held = held?.[name] ?? held?.default?.[name];
  }
  if (held === undefined) {
    throw fault("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  }
  if (typeof held !== "function") {
    throw fault("Runtime.HandlerNotFound", `${handler} is not a function`);
  }
  return held;
}

function isModule(file) {
  for (let folder = path.dirname(file); folder.startsWith(root); folder = path.dirname(folder)) {
    const described = path.join(folder, "package.json");
    if (fs.existsSync(described)) {
      return JSON.parse(fs.readFileSync(described, "utf8")).type === "module";
    }
  }
  return false;
}

function context(headers, done) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const client = headers["lambda-runtime-client-context"];
  return {
    awsRequestId: requestId, callbackWaitsForEmptyEventLoop: true, clientContext: client ? JSON.parse(client) : undefined,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME, functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    identity: undefined, invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME, logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done, fail: (error) => done(error ?? new Error("failed")), succeed: (value) => done(null, value),
  };
}

// A handler answers by its promise, by its callback, or by its context. One that does neither has answered null when
// nothing is left to do.
function run(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const done = (error, value) => (error ? reject(error) : resolve(value));
    const idle = () => resolve(null);
    process.once("beforeExit", idle);
    const settle = (end) => (value) => {
      process.removeListener("beforeExit", idle);
      end(value);
    };
    [resolve, reject] = [settle(resolve), settle(reject)];
    const answered = handler(event, context(headers, done), done);
    if (typeof answered?.then === "function") {
      answered.then(resolve, reject);
    }
  });
}

globalThis.awslambda = {
  streamifyResponse: () => {
    throw fault("NotEmulated", "the local AWS does not emulate response streaming of Lambda");
  },
};

let handler;
try {
  handler = await load(process.env._HANDLER);
} catch (error) {
  const { trace, ...kept } = shown(told(error));
  log("ERROR", ["Uncaught Exception\t", JSON.stringify({ ...kept, stack: trace })]);
  await call("POST", "/init/error", JSON.stringify({ ...kept, trace }));
  process.exit(1);
}

for (;;) {
  const next = await call("GET", "/invocation/next");
  requestId = next.headers["lambda-runtime-aws-request-id"];
  const where = `/invocation/${requestId}`;
  try {
    const answered = await run(handler, JSON.parse(next.body), next.headers);
    await call("POST", `${where}/response`, JSON.stringify(answered === undefined ? null : answered));
  } catch (error) {
    const said = shown(error instanceof Error ? told(error) : error);
    log("ERROR", ["Invoke Error\t", JSON.stringify({ ...said, stack: said.trace })]);
    await call("POST", `${where}/error`, JSON.stringify(said));
  }
}
