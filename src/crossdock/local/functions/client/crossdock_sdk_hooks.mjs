// Lets modules of a function find the AWS SDK beside it, as they find it in Lambda's runtimes. What the function brings
// itself comes first.

let beside;

export function initialize(data) {
  beside = data.beside;
}

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (/^(@aws-sdk|@smithy)\/|^aws-sdk(\/|$)/.test(specifier) && error.code === "ERR_MODULE_NOT_FOUND") {
      return next(specifier, { ...context, parentURL: beside });
    }
    throw error;
  }
}
