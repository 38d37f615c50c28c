//! The queue on RabbitMQ (AMQP 0-9-1)
