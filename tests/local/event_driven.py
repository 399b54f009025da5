"""A small template of what is driven by events: a queue and a table's stream, each with a function."""

from pathlib import Path
from textwrap import dedent

from local.template import Deployment, load_deployment

QUEUE = "keyfob-Jobs"
TABLE = "keyfob-Notes"

TEMPLATE = """
    AWSTemplateFormatVersion: "2010-09-09"
    Transform: AWS::Serverless-2016-10-31
    Globals:
      Function:
        Runtime: python3.13
        Handler: app.handler
        Timeout: 10
        MemorySize: 128
        Environment: { Variables: { MAIL_FROM: "Example <no-reply@example.com>" } }
    Conditions:
      Never: !Equals [a, b]
    Resources:
      Api:
        Type: AWS::Serverless::Api
        Properties: { StageName: dev, OpenApiVersion: "3.0.1" }
      Jobs:
        Type: AWS::SQS::Queue
        Properties:
          VisibilityTimeout: 60
          RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2 }
      Dead:
        Type: AWS::SQS::Queue
      Notes:
        Type: AWS::DynamoDB::Table
        Properties:
          BillingMode: PAY_PER_REQUEST
          AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
          KeySchema: [{ AttributeName: pk, KeyType: HASH }]
          StreamSpecification: { StreamViewType: NEW_IMAGE }
      Worker:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: functions/worker/
          Events:
            Root: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /, Method: any } }
            Jobs:
              Type: SQS
              Properties:
                Queue: !GetAtt Jobs.Arn
                BatchSize: 3
                FunctionResponseTypes: [ReportBatchItemFailures]
      Watcher:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: functions/watcher/
          Events:
            Notes:
              Type: DynamoDB
              Properties:
                Stream: !GetAtt Notes.StreamArn
                StartingPosition: TRIM_HORIZON
                BatchSize: 3
                MaximumRetryAttempts: 2
                FunctionResponseTypes: [ReportBatchItemFailures]
                FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] }
            Disabled:
              Type: SQS
              Properties: { Queue: !GetAtt Jobs.Arn, Enabled: false }
      Nowhere:
        Type: AWS::SQS::Queue
        Condition: Never
    Outputs:
      DevUrl: { Value: !Sub "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/dev/api" }
"""


def load(directory: Path, template: str = TEMPLATE) -> Deployment:
    """Write the template in `directory`, and return what it deploys."""
    path = directory / "template.yaml"
    path.write_text(dedent(template), encoding="utf-8")
    return load_deployment(path=path)
