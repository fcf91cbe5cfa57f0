// The module that functions written inline in a template have beside them: it answers for a custom resource
// (CloudFormation User Guide, "cfn-response module").

exports.SUCCESS = "SUCCESS";
exports.FAILED = "FAILED";

exports.send = function (event, context, responseStatus, responseData, physicalResourceId, noEcho) {
  return new Promise((resolve) => {
    const body = JSON.stringify({
      Status: responseStatus, Reason: `See the details in CloudWatch Log Stream: ${context.logStreamName}`,
      PhysicalResourceId: physicalResourceId || context.logStreamName, StackId: event.StackId,
      RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, NoEcho: noEcho || false,
      Data: responseData,
    });
    console.log("Response body:\n", body);
    const url = new URL(event.ResponseURL);
    const client = require(url.protocol === "http:" ? "http" : "https");
    const request = client.request(url, {
      method: "PUT", headers: { "content-type": "", "content-length": Buffer.byteLength(body) } }, (response) => {
      response.resume();
      console.log(`Status code: ${response.statusCode}`);
      resolve(context.done());
    });
    request.on("error", (error) => {
      console.log(`send(..) failed executing https.request(..): ${error}`);
      resolve(context.done(error));
    });
    request.end(body);
  });
};
